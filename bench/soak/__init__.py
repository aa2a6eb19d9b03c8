"""The whole stack under mixed load, hang-ups and killed replicas: what is lost, what grows, how long answers take."""

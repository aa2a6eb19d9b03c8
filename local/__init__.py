"""The whole stack on one machine: what stands in for AWS there, and what keeps it up."""

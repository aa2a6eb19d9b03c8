"""What `deploy.sh` calls where a command line is not enough."""

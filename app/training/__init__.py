"""Training, in a child process. No Qt."""

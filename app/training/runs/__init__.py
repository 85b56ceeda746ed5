"""Runs on disk and the process that makes one."""

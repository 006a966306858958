"""Many recordings: find them, run them, account for every one."""

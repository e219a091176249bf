"""What plays teach: trials by leader, what to offer to whom, and what another choice would have brought."""

"""What ordering decides without knowing where it is kept."""

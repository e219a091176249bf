"""What a page is made of: the nodes, actions and values that every client of every age reads."""

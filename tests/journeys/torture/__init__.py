"""What the order intake must survive, done to a real installation: `make torture`; CI does it in short.

Each kind of trial does something cruel to the site while a crowd of neighbours orders and pays over real HTTP, then
counts in the database and over the API that nothing that was answered got lost, happened twice or was never asked for.
"""

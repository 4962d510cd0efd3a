"""What `./dev` does before its work: Python, Node, the app, a browser. The standard library only."""

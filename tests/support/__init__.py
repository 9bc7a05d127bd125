"""What the tests share: real servers and doubles, whole stacks of services, events made on the spot, waiting."""

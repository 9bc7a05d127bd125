"""The program behind scripts/run: starts the pipeline as processes, shows its state, and ends it in order."""

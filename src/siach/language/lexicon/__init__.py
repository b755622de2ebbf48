"""Word lists and the rules that weigh a text by them: the floor that every later reader must beat."""

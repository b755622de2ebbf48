"""The trunk's deeds, by file: taking in, understanding, counting, listening, sending, marking."""

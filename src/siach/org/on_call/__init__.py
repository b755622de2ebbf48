"""Who is on call: shifts and their deputies, the hours that nobody covers, and who that is right now."""

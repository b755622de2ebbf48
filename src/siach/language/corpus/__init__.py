"""Posts written and labelled for Siach to train its readers on."""

"""Posts written and labelled for Siach to tell whether a reader forgets its language; never trained on."""

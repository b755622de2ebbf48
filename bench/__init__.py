"""One file for each group of figures that the README quotes; `./siach bench` runs them."""

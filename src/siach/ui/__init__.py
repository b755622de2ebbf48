"""The look of Siach: frame, style sheets, template tags, charts. Knows no room."""

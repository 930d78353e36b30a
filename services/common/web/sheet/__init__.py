"""The look of the pages: a style sheet made from GOV.UK Frontend."""

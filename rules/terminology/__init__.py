"""How the words and codes of a record become the concepts of `rules.concepts`. Data: ``rules/valuesets``."""

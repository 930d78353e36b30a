"""The parts of the evaluator's script (`reproduce`), which are joined into one file that stands alone."""

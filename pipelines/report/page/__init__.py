"""The parts of the HTML report, one module for each group of sections."""

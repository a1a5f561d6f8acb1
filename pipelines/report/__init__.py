"""The report and the workbook that people open and send on."""

"""The agency's register as it lies in the world: a workbook, a folder of CSV files, tables of a database."""

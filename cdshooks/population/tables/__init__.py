"""What a run is written as: the same tables as CSV and Parquet, FHIR resources, and one HTML page.

columns    the data dictionary: each table, its columns, their types, units and meaning
contents   the records of each table, from a report
csv_files, parquet, fhir, page   one format each; `formats` names them
"""

-- The database of Prefect, beside that of the catalogue.
create database prefect;
\connect prefect
create extension if not exists pg_trgm;

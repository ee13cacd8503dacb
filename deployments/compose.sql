-- Prefect's own database, beside the catalogue's.
create database prefect;
\connect prefect
create extension if not exists pg_trgm;

"""From a query to ranked photos; reads the catalog and the vectors, writes neither. Way in: `search`, and `tiles`."""

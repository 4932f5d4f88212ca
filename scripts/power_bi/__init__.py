"""The Power BI project as include/power_bi.yaml declares it, over gold as its SQL declares it."""

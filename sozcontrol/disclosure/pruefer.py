def demand_safe(lage, zeilen):
    pass

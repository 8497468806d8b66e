"""The simulators. Each knows the definition, none knows another simulator."""

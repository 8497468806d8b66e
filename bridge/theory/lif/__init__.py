"""Integrate-and-fire neurons in noise: rates, variability, responses, and networks of them.

Times in ms, voltages in mV, rates and frequencies in Hz. The membrane is written

    tau dV/dt = -V + mu + sigma sqrt(tau) xi(t),   <xi(t) xi(t')> = delta(t - t'),

so that V without a threshold has the standard deviation sigma/sqrt(2).
"""

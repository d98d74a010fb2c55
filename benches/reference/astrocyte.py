"""The course of NEST's astrocyte_lr_1994 under regular spikes: the values that crates/engine/tests/it/calcium.rs holds ours to.

python3 astrocyte.py   (needs NEST 3.9 or newer; prints time in ms, IP3, calcium, h)
"""

import nest

nest.resolution = 0.1
astrocyte = nest.Create("astrocyte_lr_1994")
spikes = nest.Create("spike_generator", params={"spike_times": [float(t) for t in range(2, 20_000, 2)]})
nest.Connect(spikes, astrocyte, syn_spec={"weight": 1.0, "delay": 1.0})
meter = nest.Create("multimeter", params={"record_from": ["IP3", "Ca_astro", "h_IP3R"], "interval": 500.0})
nest.Connect(meter, astrocyte)
nest.Simulate(40_000.0)
events = meter.events
for t, ip3, calcium, h in zip(events["times"], events["IP3"], events["Ca_astro"], events["h_IP3R"]):
    print(t, ip3, calcium, h)

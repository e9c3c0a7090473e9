"""From a plan and a proposal to a job: its command, its folder, and what can be read of it.

isolation ← build      the command, the environment and the folder of a job
capturing              which jobs need their output read
thinning               fewer reports of a process that writes too many
report_reader          what an attempt reports, by the client or through its output
"""

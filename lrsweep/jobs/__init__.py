"""From a plan and a proposal to a job: its command, its folder, and what can be read of it.

isolation ← build      the command, the environment and the folder of a job
capturing              which jobs need their output read
shared_files           files that several trials write while they run
log_limit              a bound on the disk that a trial's output takes
thinning               fewer reports of a process that writes too many
report_reader          what an attempt reports, by the client or through its output
"""

# jobs: batch scripts for Slurm, installed beside the documentation and used as they are
jobsdir = $(docdir)/jobs
dist_jobs_DATA = jobs/sample.sbatch jobs/scaling.sbatch

/* cli/resume.h -- where a run's checkpoint is, whether it goes on from one, and the command line
 * that one remembers. */
#ifndef MST_CLI_RESUME_H
#define MST_CLI_RESUME_H

#include "cli/job.h"
#include "run/sampler.h"

typedef struct mst_resume {
  const char *file;      /* --checkpoint; NULL: OUT.checkpoint */
  const char *from;      /* --resume: auto, a file, or NULL */
  char *checkpoint, *at; /* made by mst_resume_choose */
  char **words;          /* the command, NULL-terminated: made by mst_resume_words */
  int nwords;
} mst_resume;

/* Not collective: argv, in the place of which the command that a checkpoint remembers comes first
 * where from is a file and no model was given. Then the folder is changed to the one that the
 * command was given in, if it is there. *err: the checkpoint cannot be read. */
masting_status mst_resume_words(mst_resume *resume, int argc, const char **argv, bool remembered,
                                mst_error *err);

/* Collective; errors are agreed. Sets checkpoint, resume and set_aside of the options. Refuses to
 * begin where a run can go on, without force, and says what to type. */
masting_status mst_resume_choose(mst_resume *resume, const mst_job *job, mst_sample_options *o,
                                 mst_error *err);

void mst_resume_free(mst_resume *resume);

#endif

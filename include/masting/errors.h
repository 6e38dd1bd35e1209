/* masting/errors.h -- the one list of status codes, their exit status and their meaning.
 *
 * Not collective. Code, exit status and text stand in one X-macro, so they cannot drift apart.
 * Exit status: 0 done; 2 the user's mistake; 65 data; 70 a bug of ours; 74 input/output;
 * 75 checkpointed, submit again.
 */
#ifndef MASTING_ERRORS_H
#define MASTING_ERRORS_H

#define MASTING_STATUS_LIST(X)                                                                     \
  X(MASTING_OK, 0, "success")                                                                      \
  X(MASTING_ERR_USAGE, 2, "the command line is wrong")                                             \
  X(MASTING_ERR_MODEL, 2, "the model is wrong")                                                    \
  X(MASTING_ERR_INIT, 2, "no starting point with a finite log density")                            \
  X(MASTING_ERR_EXISTS, 2, "the output exists already")                                            \
  X(MASTING_ERR_NOFILE, 2, "a file cannot be opened")                                              \
  X(MASTING_ERR_MEMORY, 2, "not enough memory")                                                    \
  X(MASTING_ERR_DATA, 65, "the data do not fit the model")                                         \
  X(MASTING_ERR_FORMAT, 65, "a file is not in the format it should have")                          \
  X(MASTING_ERR_BUG, 70, "a bug in masting")                                                       \
  X(MASTING_ERR_DESYNC, 70, "the ranks do not follow the same trees")                              \
  X(MASTING_ERR_IO, 74, "reading or writing failed")                                               \
  X(MASTING_ERR_MPI, 74, "MPI failed")                                                             \
  X(MASTING_ERR_AGAIN, 75, "stopped with a checkpoint; submit again")

typedef enum masting_status {
#define MASTING_X(code, exit_status, text) code,
  MASTING_STATUS_LIST(MASTING_X)
#undef MASTING_X
} masting_status;

/* Exit status of the process for a status code. Not collective. */
int masting_exit_status(masting_status status);

/* What a status code means, a static English string. Not collective. */
const char *masting_status_text(masting_status status);

#endif

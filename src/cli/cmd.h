/* cli/cmd.h -- the subcommands. Each takes its own name as argv[0] and returns the exit status. */
#ifndef MST_CLI_CMD_H
#define MST_CLI_CMD_H

int cmd_sample(int argc, const char **argv);
int cmd_optimize(int argc, const char **argv);
int cmd_pathfinder(int argc, const char **argv);
int cmd_laplace(int argc, const char **argv);
int cmd_simulate(int argc, const char **argv);
int cmd_convert(int argc, const char **argv);
int cmd_check(int argc, const char **argv);
int cmd_summary(int argc, const char **argv);
int cmd_diagnose(int argc, const char **argv);
int cmd_loo(int argc, const char **argv);
int cmd_waic(int argc, const char **argv);
int cmd_compile(int argc, const char **argv);
int cmd_recover(int argc, const char **argv);
int cmd_status(int argc, const char **argv);
int cmd_scaling(int argc, const char **argv);
int cmd_info(int argc, const char **argv);

#endif

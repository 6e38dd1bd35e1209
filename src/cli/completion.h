/* cli/completion.h -- an option table as bash, zsh and fish complete it. See manual.h. */
#ifndef MST_CLI_COMPLETION_H
#define MST_CLI_COMPLETION_H

#include "cli/manual.h"

void mst_completion_bash_begin(const mst_manual_command *commands, FILE *file);
void mst_completion_bash(const mst_opts *opts, FILE *file);
void mst_completion_bash_end(FILE *file);

void mst_completion_zsh_begin(const mst_manual_command *commands, FILE *file);
void mst_completion_zsh(const mst_opts *opts, FILE *file);
void mst_completion_zsh_end(FILE *file);

void mst_completion_fish_begin(const mst_manual_command *commands, FILE *file);
void mst_completion_fish(const mst_opts *opts, FILE *file);

#endif

/* lang/shard/shard_impl.h -- shared by the files of the cut: analysis first (nothing changes),
 * then the cut. */
#ifndef MST_LANG_SHARD_IMPL_H
#define MST_LANG_SHARD_IMPL_H

#include "lang/ir/ir_edit.h"
#include "lang/ir/ir_table.h"
#include "lang/pointers.h"
#include "lang/shard/shard.h"

typedef struct cut_segment { /* of a block: replicated statements, or the bodies of row loops */
  bool rows;
  ir_block block;
} cut_segment;

typedef struct cut_list {
  cut_segment *segment;
  int count;
} cut_list;

typedef struct cut_var { /* what the cut knows of a variable */
  int rows;              /* 1 + the dimension that is the row; 0: it has none */
  bool inner;            /* declared inside a row loop */
  bool whole;            /* depends on parameters, has rows, and every rank has all of them */
  bool read_by_rows;     /* whole, and loops over rows that have data of rows read it */
  bool reading;          /* the same, as the analysis at hand finds it */
} cut_var;

typedef struct cut_state {
  lang_context *c;
  ir_program *p;
  const ir_var *size;
  ir_table *vars;         /* of cut_var: mst_cut_var */
  lang_pointers together; /* statements around rows that cannot be taken apart, by themselves */
  ir_var *row;            /* counter of all row loops */
  lang_whole *found;      /* parameters that are global though they have rows */
  bool sums;              /* row loops may add to replicated variables (transformed data) */
  bool final;             /* the last split: loop counters become `row` */
  bool changed;           /* a variable became whole: analyse again */
  char *coupled;          /* the first statement that needs what is no datum as a whole, or NULL */
  char *failed;           /* why nothing can be cut */
  char *report;
} cut_state;

/* Segments of a block in order. Leaves the block as it is. */
cut_list mst_cut_split(cut_state *k, const ir_block *b);

/* ---- rows (shard_rows.c) */
cut_var *mst_cut_var(const cut_state *k, const ir_var *v); /* also of variables made since */
int mst_cut_row_dim(const cut_state *k, const ir_var *v);  /* the dimension that is the row; -1 */
/* Whether v has an element, or elements, for each row of the size that is cut, and is not declared
 * within a row's iteration. */
bool mst_cut_is_row(const cut_state *k, const ir_var *v);
/* A variable of rows that s reads or writes, or NULL. */
const ir_var *mst_cut_touched(cut_state *k, ir_stmt *s);
bool mst_cut_any_rows(const cut_list *l); /* one of the segments is of rows */

/* ---- the report (shard_report.c) */
void mst_cut_note(cut_state *k, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What is cut over the ranks, after the cut. */
void mst_cut_describe(cut_state *k);

/* What is whole from the start: parameters in k->found. */
void mst_cut_start_whole(cut_state *k);
/* v, which has rows and is needed at others by s, becomes whole. */
void mst_cut_make_whole(cut_state *k, const ir_stmt *s, const ir_var *v);
bool mst_cut_is_read(const ir_var *v); /* from the data file */
/* Whether a loop over rows, whose row is the counter and `offset`, can and should go row by row
 * by what it reads of whole variables: not when it has nothing else to read, and they would be
 * sent for its sake. */
bool mst_cut_may_read_whole(cut_state *k, ir_stmt *loop, int64_t offset);
/* Whether what goes row by row is not too little beside what every rank does for all rows. */
bool mst_cut_is_worth_it(cut_state *k, const cut_list *density);
/* Made ints by which what p->rows read at their rows can be gathered. */
void mst_cut_number_rows(cut_state *k);

/* for (row) { the bodies of all segments of rows } */
ir_block mst_cut_row_block(cut_state *k, const cut_list *list);
/* The dimensions and roles of variables of rows, as statements of row blocks have them. Last. */
void mst_cut_reorder_vars(cut_state *k);
/* What the rows read of the replicated part becomes IR_SHARED (density), or is kept for them. */
void mst_cut_share(cut_state *k, ir_block *rows, bool density);
/* The segments of setup become p->setup and p->phase. */
void mst_cut_setup(cut_state *k, cut_list *list);

/* Whether rows may come after all that is replicated: fails when a replicated variable changes
 * after rows have read it, or from iteration to iteration of the loop whose counter this is and
 * whose body is the list (NULL: no loop). */
void mst_cut_check_order(cut_state *k, cut_list *list, const ir_var *counter);

/* Whether s, a loop or a condition, may stand around each segment of its body by itself: not when
 * one before another writes what the condition reads, or, in setup, what another uses from
 * iteration to iteration. */
bool mst_cut_may_part(cut_state *k, ir_stmt *s, const cut_list *body, const cut_list *other);

/* After the split: variables declared inside loops or conditions and used by more than one
 * segment move to the top of `top`, with the loops' counters as further dimensions; where rows are
 * passed over once for each segment (`phases`), those of rows become made data. */
bool mst_cut_expand(cut_state *k, ir_block *top, cut_list *list, bool phases);

#endif

/* lang/syntax/scan.h -- Stan text to tokens, one at a time; comments are skipped, #include files
 * entered.
 *
 * Ends in mst_lang_fail at a character, string, comment or #include that is no Stan. Keywords are
 * tokens of their own; `transformed`, `generated` and `quantities` are names, since they only mean
 * something together.
 */
#ifndef MST_LANG_SCAN_H
#define MST_LANG_SCAN_H

#include "lang/syntax/parse.h"

/* Punctuation and keywords with their spelling; longer ones before their beginnings. */
/* clang-format off */
#define LANG_PUNCTUATION(X)                                                                        \
  X(ELT_MUL_SET, ".*=") X(ELT_DIV_SET, "./=") X(INT_DIV, "%/%")                                    \
  X(ADD_SET, "+=") X(SUB_SET, "-=") X(MUL_SET, "*=") X(DIV_SET, "/=")                              \
  X(EQ, "==") X(NE, "!=") X(LE, "<=") X(GE, ">=") X(OR, "||") X(AND, "&&")                         \
  X(ELT_MUL, ".*") X(ELT_DIV, "./") X(ELT_POW, ".^")                                               \
  X(OPEN_BRACE, "{") X(CLOSE_BRACE, "}") X(OPEN, "(") X(CLOSE, ")")                                \
  X(OPEN_SQUARE, "[") X(CLOSE_SQUARE, "]") X(LT, "<") X(GT, ">")                                   \
  X(COMMA, ",") X(SEMICOLON, ";") X(BAR, "|") X(QUESTION, "?") X(COLON, ":")                       \
  X(NOT, "!") X(SUB, "-") X(ADD, "+") X(POW, "^") X(TRANSPOSE, "'") X(MUL, "*") X(DIV, "/")        \
  X(MOD, "%") X(LEFT_DIV, "\\") X(TILDE, "~") X(SET, "=") X(AT, "@")

#define LANG_KEYWORDS(X)                                                                           \
  X(FUNCTIONS, "functions") X(DATA, "data") X(PARAMETERS, "parameters") X(MODEL, "model")          \
  X(RETURN, "return") X(IF, "if") X(ELSE, "else") X(WHILE, "while") X(FOR, "for") X(IN, "in")      \
  X(BREAK, "break") X(CONTINUE, "continue") X(PROFILE, "profile") X(PRINT, "print")                \
  X(REJECT, "reject") X(FATAL, "fatal_error") X(TARGET, "target") X(JACOBIAN, "jacobian")          \
  X(LOWER, "lower") X(UPPER, "upper") X(OFFSET, "offset") X(MULTIPLIER, "multiplier")              \
  LANG_TYPE_KEYWORDS(X)

/* Words that begin a type; LANG_TOKEN_VOID is the first, LANG_TOKEN_STOCHASTIC_ROW the last. */
#define LANG_TYPE_KEYWORDS(X)                                                                      \
  X(VOID, "void") X(INT_TYPE, "int") X(REAL_TYPE, "real") X(COMPLEX, "complex")                    \
  X(VECTOR, "vector") X(ROW_VECTOR, "row_vector") X(MATRIX, "matrix")                              \
  X(COMPLEX_VECTOR, "complex_vector") X(COMPLEX_ROW_VECTOR, "complex_row_vector")                  \
  X(COMPLEX_MATRIX, "complex_matrix") X(ARRAY, "array") X(TUPLE, "tuple")                          \
  X(SIMPLEX, "simplex") X(ORDERED, "ordered") X(POSITIVE_ORDERED, "positive_ordered")              \
  X(UNIT_VECTOR, "unit_vector") X(SUM_TO_ZERO_VECTOR, "sum_to_zero_vector")                        \
  X(SUM_TO_ZERO_MATRIX, "sum_to_zero_matrix") X(CHOLESKY_CORR, "cholesky_factor_corr")             \
  X(CHOLESKY_COV, "cholesky_factor_cov") X(CORR, "corr_matrix") X(COV, "cov_matrix")               \
  X(STOCHASTIC_COLUMN, "column_stochastic_matrix") X(STOCHASTIC_ROW, "row_stochastic_matrix")
/* clang-format on */

typedef enum lang_token_kind {
  LANG_TOKEN_END, /* of the program */
  LANG_TOKEN_NAME,
  LANG_TOKEN_INT,
  LANG_TOKEN_REAL,
  LANG_TOKEN_DOTTED, /* .5: a number, or element 5 of a tuple */
  LANG_TOKEN_IMAG,
  LANG_TOKEN_STRING,
#define LANG_X(name, spelling) LANG_TOKEN_##name,
  LANG_PUNCTUATION(LANG_X) LANG_KEYWORDS(LANG_X)
#undef LANG_X
} lang_token_kind;

typedef struct lang_token {
  lang_token_kind kind;
  lang_loc loc, end; /* first character, one past the last */
  const char *text;  /* in the source; a string with its quotes */
  int length;
} lang_token;

#define LANG_INCLUDES_DEEPEST 32

typedef struct lang_place { /* where reading goes on in a source */
  int file, line;
  const char *at, *line_start;
} lang_place;

typedef struct lang_scan {
  lang_context *c;
  lang_include *find;
  void *argument;
  lang_place level[LANG_INCLUDES_DEEPEST]; /* the program, and the files being included */
  int depth;                               /* of level, at least 1 */
  bool hash_warned;
} lang_scan;

void mst_scan_start(lang_scan *s, lang_context *c, int file, lang_include *find, void *argument);
lang_token mst_scan_next(lang_scan *s);

/* Spelling of punctuation or a keyword; NULL for other kinds. */
const char *mst_token_spelling(lang_token_kind kind);

static inline bool mst_token_is_type(lang_token_kind kind) {
  return kind >= LANG_TOKEN_VOID && kind <= LANG_TOKEN_STOCHASTIC_ROW;
}

#endif

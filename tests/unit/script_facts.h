/* script_facts.h - the words of a script that say what a frame holds
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef IPHTTPS_TESTS_SCRIPT_FACTS_H
#define IPHTTPS_TESTS_SCRIPT_FACTS_H

#include "observation.h"

/* What the frames of a connection have held so far. */
typedef struct {
  observation_t frame;    /* the latest; its byte and packet counts go on */
  const char *hello_name; /* of a Client Hello that gives none of its own, NULL for none */
  const char *asked_name; /* of DNS; interned or literal */
  bool hello_seen;
  bool server_spoke; /* since the Client Hello, once there is one */
} script_spoken_t;

/* Adds a fact to the latest frame: a word of session_script.h with its arguments. Ends the program on one that it does
 * not know. */
void script_take_fact(script_spoken_t *spoken, const char *text);

#endif

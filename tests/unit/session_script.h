/* clang-format off: it would run the list of words together */
/* session_script.h - plays sessions written as one line of text, so that a test shows what happens and nothing else
 *
 * A script is a list of words. Each frame is one word, numbered from 1, 10 ms after the one before: ">" for the client
 * or "<" for the server, then what the frame holds, joined by "+", with arguments behind ":":
 *
 *   syn synack ack fin rst again      TCP; again is a repetition of what has been sent
 *   unreceived                        which acknowledges nothing of the server's answer
 *   hellobytes                        which begins as a Client Hello does, and is not read as one
 *   icmp                              an ICMP error that quotes the client's SYN
 *   bytes:TEXT hex:DIGITS n:COUNT     other payload: that text, these bytes, or so many bytes
 *   hole unseen                       the capture lacks some of what the sender has sent; of what it acknowledges
 *   hello:OFFER,NAME                  Client Hello: null, null-first, null-behind, encrypted; NAME is the server name,
 *                                     "none" for none, left out for da.example.com
 *   shello:SUITE                      Server Hello, suite in hexadecimal; "strange" for a draft's
 *   cert:NAME,... cert                Certificate with a chain of script_certificates.c's; an empty one
 *   zcert                             Certificate that is compressed, and cannot be read
 *   certreq:NAME,... certreq          CertificateRequest with authorities; without any; "many" for more than are kept
 *   ckx ccs finished data             ClientKeyExchange, ChangeCipherSpec, readable Finished, application data
 *   alert:NUMBER warning:NUMBER       fatal alert, warning
 *   connect:HOST:PORT proxy:STATUS    HTTP CONNECT and its answer
 *   get:HOST                          another HTTP request; "proxy" answers it too
 *   login                             which offers a login that Windows can do
 *   post:HOST,LENGTH,URI              tunnel request and its answer; HOST and SERVER "none" for no such header, left
 *   status:CODE,SERVER,LENGTH         out for da.example.com:443 and Microsoft's; LENGTH "none" or "chunked", left out
 *                                     for 2^64-1 in the request and none in the answer
 *   other malformed                   readable content that is no tunnel request; a tunnel that is not IPv6
 *   rs ra packet                      inner packets
 *   ike ike:ERROR esp                 IPsec in an inner packet: IKEv2, with an error notification; ESP
 *   ask:TYPE answer:TYPE,CODE,COUNT   DNS question (A, AAAA), and its answer with RCODE and number of addresses
 *   truncated                         an answer that has been cut to fit
 *   head:STATUS                       an HTTP answer whose end has not come
 *
 * Other words: "~MS" lets so many milliseconds pass. "/" begins the client's next connection in the same capture; the
 * last one's session is what was played. "(" begins one of its connections to port 80 of 198.51.100.80 beside the
 * session, with DNS messages about crl.example.com, and ")" goes on with the session; "(NAME,CLIENT,SERVER" names
 * others, each of which may be left out behind the ones that count. "=configured:NAME", "=address", "=learned:NAME" say
 * how the session is known: by a row with its name and address, by one with its address alone, from a session seen
 * earlier; NAME is the certificate it must show, and may be left out. They stand before the first frame.
 * "=null-anywhere" has NULL suites behind others tag as well; "=nameless" lets the client send no server name. Without
 * such a word the session is tagged by its offer or its tunnel request.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
/* clang-format on */
#ifndef IPHTTPS_TESTS_SESSION_SCRIPT_H
#define IPHTTPS_TESTS_SESSION_SCRIPT_H

#include "session.h"

/* Plays a script to its end. The session lives until the next one is played; ends the program on a word it does not
 * know. */
session_t *script_play(const char *script);

/* The session's findings: "slug@frame", and ":code" (hexadecimal) where the catalogue leaves the
 * Windows error open and the session has one. To be freed with g_free(). */
char *script_findings(const session_t *played);

/* "in progress", "connected@9", "complete@7" or "failed@5". To be freed with g_free(). */
char *script_verdict(const session_t *played);

#endif

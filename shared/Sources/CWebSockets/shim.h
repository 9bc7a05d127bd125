#pragma once
#include <libwebsockets.h>

// A macro with arguments, which Swift does not import: the room that lws_write() needs before its payload.
static const int lws_room_before_payload = LWS_PRE;

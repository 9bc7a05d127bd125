import EventContract

/// Looks at the consumer groups of a stream: a read-only script, because no command gives the id of an entry without its
/// payload, and payloads are large.
enum GroupScript {
    /// KEYS: the stream. ARGV: the groups that are asked for, each followed by the place that its oldest waiting entry
    /// had before.
    ///
    /// Gives for each of them that exists: name, consumers, pending, undelivered (-1 when Redis does not know), the place
    /// of the oldest waiting entry (empty for none), and, when that place has changed, the entry's id and the front of its
    /// batch. A place tells two entries apart; that of an entry which nobody has taken is where its group stands.
    static let source = """
        #!lua flags=no-writes
        local reply = {}
        if redis.call('EXISTS', KEYS[1]) == 0 then return reply end
        local asked = {}
        for index = 1, #ARGV, 2 do asked[ARGV[index]] = ARGV[index + 1] end
        for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
          local group = {}
          for index = 1, #info, 2 do group[info[index]] = info[index + 1] end
          local known = asked[group.name]
          if known then
            local place, first, last = '', nil, '+'
            if group.pending > 0 then
              first = redis.call('XPENDING', KEYS[1], group.name)[2]
              place, last = first, first
            elseif group.lag ~= 0 then
              first = '(' .. group['last-delivered-id']
              place = first
            end
            local id, front = '', ''
            if first and place ~= known then
              local entry = redis.call('XRANGE', KEYS[1], first, last, 'COUNT', 1)[1]
              if entry then
                id, front = entry[1], string.sub(entry[2][2], 1, \(BatchFront.bytesRead))
              elseif group.pending > 0 then
                id = first
              else
                place = ''
              end
            end
            reply[#reply + 1] = {group.name, group.consumers, group.pending, group.lag or -1, place, id, front}
          end
        end
        return reply
        """
}

import EventContract

/// A transaction: a Lua script that Redis runs as one step, so that it can check a condition before it changes things.
///
/// The first line declares the script to Redis (7.0 or later), which then refuses it as a whole, before it has changed
/// anything, when memory is full, the server is a replica or cannot save.
enum RedisScript: CaseIterable {
    case readerCommit
    case entryCommit
    case entryAcknowledge
    case touch
    case sweepConsumers
    case trim
    case keep

    /// The source, as it is loaded.
    var source: String {
        switch self {
        case .readerCommit: "#!lua\n" + Self.common + Self.readerBody
        case .entryCommit: "#!lua\n" + Self.common + Self.entryBody
        // Frees memory, if not at once: refusing it when memory is full would keep it full for ever.
        case .entryAcknowledge: "#!lua flags=allow-oom\n" + Self.common + Self.entryBody
        case .touch: "#!lua flags=allow-oom\n" + Self.touchBody
        case .sweepConsumers: "#!lua flags=allow-oom\n" + Self.sweepBody
        case .trim: "#!lua flags=allow-oom\n" + Self.trimBody
        // When memory is full, what is kept here is what tells so.
        case .keep: "#!lua flags=allow-oom\n" + Self.keepBody
        }
    }

    /// Checks the types of the keys first, because what a script has changed before an error stays changed.
    ///
    /// The payload of a commit does not pass through the script, as Lua would hash each byte of it: it is written by the
    /// command before, in the same MULTI, and `refuse` takes it away again. Nobody sees what is between the two.
    ///
    /// A stream whose last id is the highest that there is takes no entry, and the script does not see what the command
    /// before was answered. So `exhausted` asks for another one, which every stream refuses, and reads for what reason. A
    /// letter that `ids:dead` does not take does not hold up its neighbours: it is lost, counted, and said by the reply.
    ///
    /// Reads numbers of totals and dead letters from the arguments, in that order:
    /// `count (name amount)*`, then `lettersMax bytesMax count (fields field*)*`.
    private static let common = """
        local function mismatch(...)
          for index, kind in ipairs({...}) do
            if not KEYS[index] then return end
            local found = redis.call('TYPE', KEYS[index]).ok
            if found ~= kind and found ~= 'none' then
              return redis.error_reply('WRONGTYPE ' .. KEYS[index] .. ' must be a ' .. kind .. ', but is a ' .. found
                .. ': another program uses this name; remove the key or set another redis.prefix')
            end
          end
        end

        local function refuse(stream, reply)
          if ARGV[4] == 'written' then
            local last = redis.pcall('XREVRANGE', stream, '+', '-', 'COUNT', 1)
            if not last.err and last[1] then redis.call('XDEL', stream, last[1][1]) end
          end
          return reply
        end

        local function exhausted(stream)
          if ARGV[4] ~= 'written' then return end
          local answer = redis.pcall('XADD', stream, '0-1', '\(StreamKeys.payloadField)', '')
          if type(answer) == 'table' and string.find(answer.err, 'exhausted', 1, true) then
            return redis.error_reply('EXHAUSTED ' .. stream .. ' takes nothing more, because its last id is the highest '
              .. 'that there is: when its groups have read it, remove it')
          end
        end

        local function add_totals(key, at)
          local count = tonumber(ARGV[at])
          for index = at + 1, at + 2 * count, 2 do
            -- One that can grow no more, or that somebody has put a text into, does not stop what it counts.
            redis.pcall('HINCRBY', key, ARGV[index], ARGV[index + 1])
          end
          return at + 2 * count + 1
        end

        local function bury(dead, totals, at)
          local letters, bytes, count = tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])
          if count == 0 then return end
          at = at + 3
          local lost, refusal = 0, nil
          for _ = 1, count do
            local fields = tonumber(ARGV[at])
            local added = redis.pcall('XADD', dead, '*', unpack(ARGV, at + 1, at + fields))
            if type(added) == 'table' then lost, refusal = lost + 1, added.err end
            at = at + fields + 1
          end
          if lost < count then
            redis.pcall('HINCRBY', totals, '\(StageCounter.written.rawValue)', count - lost)
            local trimmed = redis.call('XTRIM', dead, 'MAXLEN', '~', letters)
            while redis.call('XLEN', dead) > 1 and redis.call('MEMORY', 'USAGE', dead, 'SAMPLES', 0) > bytes do
              trimmed = trimmed + redis.call('XTRIM', dead, 'MAXLEN', math.floor(redis.call('XLEN', dead) / 2))
            end
            if trimmed > 0 then redis.pcall('HINCRBY', totals, '\(StageCounter.trimmed.rawValue)', trimmed) end
          end
          if lost > 0 then redis.pcall('HINCRBY', totals, '\(StageCounter.lost.rawValue)', lost) end
          return refusal
        end

        """

    /// KEYS: stream, checkpoints, totals, dead letters, totals of those. ARGV: field, the checkpoint that must be
    /// stored, the one to store (each empty for none), whether a payload is `written` or `none`, totals, letters. Gives 1,
    /// or why letters were lost.
    private static let readerBody = """
        local wrong = exhausted(KEYS[1])
        if wrong then return wrong end
        wrong = mismatch('stream', 'hash', 'hash', 'stream', 'hash')
        if wrong then return refuse(KEYS[1], wrong) end
        local stored = redis.call('HGET', KEYS[2], ARGV[1]) or ''
        if stored ~= ARGV[2] then
          return refuse(KEYS[1], redis.error_reply('STALE the stored checkpoint is ' .. stored))
        end
        if ARGV[3] == '' then
          redis.call('HDEL', KEYS[2], ARGV[1])
        else
          redis.call('HSET', KEYS[2], ARGV[1], ARGV[3])
        end
        return bury(KEYS[4], KEYS[5], add_totals(KEYS[3], 5)) or 1
        """

    /// KEYS: input stream, totals, dead letters, totals of those, output stream, and the hash of the latest text, if
    /// there is one. ARGV: group, consumer, entry, whether a payload is `written` or `none` or the only letter is to
    /// `bury` the entry itself, field and text of the latest (both empty for none), totals, letters. Gives 1,
    /// or why letters were lost; or 0, and changes nothing, when the entry is not ours any more.
    ///
    /// `XCLAIM` is how a consumer may look at an entry that it holds; the last two fields of a letter are `size` and
    /// `bytes`.
    private static let entryBody = """
        local wrong = exhausted(KEYS[5])
        if wrong then return wrong end
        wrong = mismatch('stream', 'hash', 'stream', 'hash', 'stream', 'hash')
        if wrong then return refuse(KEYS[5], wrong) end
        local pending = redis.pcall('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1, ARGV[2])
        if pending.err then return refuse(KEYS[5], pending) end
        if #pending == 0 then return refuse(KEYS[5], 0) end
        if ARGV[4] == 'bury' then
          local entry = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[3])[1]
          local fields = entry and entry[2] or {}
          local bytes = #fields == 2 and fields[2] or table.concat(fields, ' ')
          ARGV[#ARGV - 2], ARGV[#ARGV] = tostring(#bytes), string.sub(bytes, 1, \(BatchHeader.payloadBytesMax))
        end
        redis.call('XACK', KEYS[1], ARGV[1], ARGV[3])
        if ARGV[6] ~= '' then
          local function parts(text)
            local milliseconds, sequence = string.match(text, '^(%d+)-(%d+)')
            return tonumber(milliseconds) or 0, tonumber(sequence) or 0
          end
          local milliseconds, sequence = parts(ARGV[3])
          local kept, kept_sequence = parts(redis.call('HGET', KEYS[6], ARGV[5]) or '')
          if milliseconds > kept or (milliseconds == kept and sequence >= kept_sequence) then
            redis.call('HSET', KEYS[6], ARGV[5], ARGV[3] .. ' ' .. ARGV[6])
          end
        end
        return bury(KEYS[3], KEYS[4], add_totals(KEYS[2], 7)) or 1
        """

    /// KEYS: hash. ARGV: field, text, and anything when the text that was there before is wanted.
    private static let keepBody = """
        local previous = ARGV[3] and redis.call('HGET', KEYS[1], ARGV[1])
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        return previous
        """

    /// KEYS: stream. ARGV: group, consumer, entries. Makes our own entries look fresh, so that nobody claims them, and as if
    /// they were delivered for the first time.
    private static let touchBody = """
        local touched = 0
        for index = 3, #ARGV do
          if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[index], ARGV[index], 1, ARGV[2]) > 0 then
            redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[index], 'RETRYCOUNT', 1, 'JUSTID')
            touched = touched + 1
          end
        end
        return touched
        """

    /// KEYS: stream. ARGV: group, consumer, milliseconds. Deletes other consumers that hold nothing and were silent for
    /// so long; a script, because a consumer that takes an entry between look and deletion would lose it.
    private static let sweepBody = """
        local deleted = 0
        for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
          local consumer = {}
          for index = 1, #info, 2 do consumer[info[index]] = info[index + 1] end
          if consumer.name ~= ARGV[2] and consumer.pending == 0 and consumer.idle > tonumber(ARGV[3]) then
            redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], consumer.name)
            deleted = deleted + 1
          end
        end
        return deleted
        """

    /// KEYS: stream. ARGV: the number of groups that must exist, these, and those that count if they exist. Removes the
    /// entries that all of them have acknowledged; none as long as one that must exist does not.
    ///
    /// Gives how many were removed, the group that keeps what is left (one that does not exist, or the last of all), and
    /// where that group is: empty when it does not exist, nil when no group is further.
    private static let trimBody = """
        if redis.call('EXISTS', KEYS[1]) == 0 then return {0} end
        local function parts(id)
          local milliseconds, sequence = string.match(id, '^(%d+)-(%d+)$')
          return tonumber(milliseconds), tonumber(sequence)
        end
        local function is_before(milliseconds, sequence, other_milliseconds, other_sequence)
          return milliseconds < other_milliseconds or (milliseconds == other_milliseconds and sequence < other_sequence)
        end
        local wanted, found = {}, {}
        for index = 2, #ARGV do wanted[ARGV[index]] = true end
        local last, low_milliseconds, low_sequence
        local high_milliseconds, high_sequence = 0, 0
        for _, info in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
          local group = {}
          for index = 1, #info, 2 do group[info[index]] = info[index + 1] end
          local milliseconds, sequence = parts(group['last-delivered-id'])
          sequence = sequence + 1
          if is_before(high_milliseconds, high_sequence, milliseconds, sequence) then
            high_milliseconds, high_sequence = milliseconds, sequence
          end
          if wanted[group.name] then
            found[group.name] = true
            if group.pending > 0 then
              milliseconds, sequence = parts(redis.call('XPENDING', KEYS[1], group.name)[2])
            end
            if not last or is_before(milliseconds, sequence, low_milliseconds, low_sequence) then
              last, low_milliseconds, low_sequence = group.name, milliseconds, sequence
            end
          end
        end
        for index = 2, tonumber(ARGV[1]) + 1 do
          if not found[ARGV[index]] then return {0, ARGV[index], ''} end
        end
        if not last then return {0} end
        local place = string.format('%d', low_milliseconds) .. '-' .. string.format('%d', low_sequence)
        local trimmed = redis.call('XTRIM', KEYS[1], 'MINID', place)
        if not is_before(low_milliseconds, low_sequence, high_milliseconds, high_sequence) then return {trimmed} end
        return {trimmed, last, place}
        """
}

import EventContract

/// What Redis does with dead letters in one step.
enum DeadLetterScript {
    /// KEYS: the letters. ARGV: the newest that is wanted; bounds of letters and of bytes that are gone through; how many bytes of
    /// each letter, and of each other field, are given. Gives entries with a further field `byte_count`.
    ///
    /// One by one, because a letter may have 17 MiB, and Redis holds what a command gives.
    static let look = """
        #!lua flags=no-writes
        local letters, bytes, place = {}, 0, ARGV[1]
        while #letters < tonumber(ARGV[2]) and bytes < tonumber(ARGV[3]) do
          local entry = redis.call('XREVRANGE', KEYS[1], place, '-', 'COUNT', 1)[1]
          if not entry then break end
          local fields, count = entry[2], 0
          for index = 2, #fields, 2 do
            local isBody = fields[index - 1] == 'bytes'
            if isBody then count = #fields[index] end
            bytes = bytes + #fields[index]
            fields[index] = string.sub(fields[index], 1, tonumber(isBody and ARGV[4] or ARGV[5]))
          end
          fields[#fields + 1], fields[#fields + 2] = 'byte_count', tostring(count)
          letters[#letters + 1] = entry
          place = '(' .. entry[1]
        end
        return letters
        """

    /// KEYS: the letters, their totals, the stream. ARGV: the letter, the payload. Gives 1; or 0, and changes nothing, when the
    /// letter is not there. A stream that does not take the entry ends the script before the letter is deleted.
    static let replay = """
        #!lua
        if #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1]) == 0 then return 0 end
        redis.call('XADD', KEYS[3], '*', '\(StreamKeys.payloadField)', ARGV[2])
        redis.pcall('HINCRBY', KEYS[2], '\(StageCounter.replayed.rawValue)', 1)
        return redis.call('XDEL', KEYS[1], ARGV[1])
        """

    /// KEYS: the letters, their totals. ARGV: the letter. Gives how many were deleted; also when memory is full.
    static let delete = """
        #!lua flags=allow-oom
        local deleted = redis.call('XDEL', KEYS[1], ARGV[1])
        if deleted > 0 then redis.pcall('HINCRBY', KEYS[2], '\(StageCounter.deleted.rawValue)', deleted) end
        return deleted
        """
}

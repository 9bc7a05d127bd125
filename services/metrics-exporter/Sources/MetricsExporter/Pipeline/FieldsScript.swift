import RedisStreams

/// Reads hashes that other services write, within bounds: a read-only script, because HGETALL gives all of a hash, and
/// whoever may write one field may write a million, or a large one.
enum FieldsScript {
    /// How much is read of one hash in one look.
    struct Bounds {
        /// The most fields.
        var fieldsMax: Int
        /// The longest value, in bytes.
        var valueBytesMax: Int
        /// The most bytes of all names and values; when there are more, the next look goes on behind them.
        var bytesMax: Int

        /// For each sensor or store a report of some hundred bytes.
        static let reports = Bounds(fieldsMax: 2_048, valueBytesMax: 4_096, bytesMax: 1 << 20)
        /// For each sensor a line of Suricata's, usually of 10 to 20 KB.
        static let lines = Bounds(fieldsMax: 4_096, valueBytesMax: 1 << 20, bytesMax: 1 << 20)
        /// The counters of a stage.
        static let totals = Bounds(fieldsMax: 128, valueBytesMax: 64, bytesMax: 1 << 15)
    }

    /// What a look has read of one hash.
    struct Found {
        /// The fields that were read, by their names.
        var fields: [String: RedisReply]
        /// How many were too long or too many to be read.
        var leftOut: Int64
        /// Where the next look begins: the number of a field, in the order of their names.
        var next: Int64

        init(_ reply: RedisReply) {
            let elements = reply.elements
            guard elements.count >= 2 else {
                (fields, leftOut, next) = ([:], 0, 1)
                return
            }
            (leftOut, next) = (elements[0].integer ?? 0, elements[1].integer ?? 1)
            fields = RedisReply.array(Array(elements.dropFirst(2))).fields
        }
    }

    /// The command that reads `hashes`, each from the field with the number `first` on.
    static func command(_ hashes: [(key: String, bounds: Bounds, first: Int64)]) -> [RedisArgument] {
        var command: [RedisArgument] = ["EVAL_RO", .text(source), .number(Int64(hashes.count))]
        command += hashes.map { .text($0.key) }
        for (_, bounds, first) in hashes {
            command += [bounds.fieldsMax, bounds.valueBytesMax, bounds.bytesMax].map { .number(Int64($0)) }
            command.append(.number(first))
        }
        return command
    }

    /// KEYS: the hashes. ARGV: for each of them the bounds, and the number of the field to begin with.
    ///
    /// Gives for each hash an array: how many fields are left out, where the next look begins, then names and values; or
    /// the error, when it is no hash.
    private static let source = """
        #!lua flags=no-writes
        local function fields(key, count_max, value_max, bytes_max, first)
          local length = redis.pcall('HLEN', key)
          if type(length) == 'table' then return length end
          if length > 16384 then return {length, 1} end
          local names, sizes = {}, {}
          for _, name in ipairs(redis.call('HKEYS', key)) do
            local size = redis.call('HSTRLEN', key, name)
            if size <= value_max and #name <= 256 then names[#names + 1], sizes[name] = name, size + #name end
          end
          table.sort(names)
          local count = math.min(#names, count_max)
          local reply, bytes = {length - count, 1}, 0
          for step = 0, count - 1 do
            local index = (first - 1 + step) % count + 1
            local name = names[index]
            bytes = bytes + sizes[name]
            if bytes > bytes_max then
              reply[2] = index
              return reply
            end
            reply[#reply + 1] = name
            reply[#reply + 1] = redis.call('HGET', key, name)
          end
          return reply
        end
        local replies = {}
        for index, key in ipairs(KEYS) do
          local at = 4 * index
          replies[index] = fields(
            key, tonumber(ARGV[at - 3]), tonumber(ARGV[at - 2]), tonumber(ARGV[at - 1]), tonumber(ARGV[at]))
        end
        return replies
        """
}

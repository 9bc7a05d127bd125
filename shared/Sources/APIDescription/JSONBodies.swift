public import HTTPServer
public import HTTPTypes
public import JSON

extension Call {
    /// Reads the body of JSON, which matches the operation's schema.
    ///
    /// - Parameter read: the tree is there only while it runs.
    /// - Throws: what `read` throws.
    public func body<Result>(_ read: (JSONNode) throws -> Result) throws -> Result {
        var tree = JSONTree()
        return try request.body.withUnsafeBytes { try read(try tree.parse($0)) }
    }
}

extension Answer {
    /// An answer with an object of JSON.
    ///
    /// - Parameter members: writes the object's members.
    public static func json(
        _ status: HTTPStatus = .ok, fields: HTTPFields = [:], _ members: (inout JSONWriter) -> Void
    ) -> Answer {
        var fields = fields
        fields.append("content-type", "application/json")
        return .whole(ServerResponse(status, fields: fields, body: JSONWriter.object(members)))
    }
}

// Swagger UI over the document that the routes describe themselves with.
SwaggerUIBundle({ url: "/openapi.json", dom_id: "#api", deepLinking: true, docExpansion: "none", defaultModelsExpandDepth: -1, displayRequestDuration: true, validatorUrl: null });

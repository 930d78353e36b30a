// Draws the page's diagrams in the colours that its reader's system asks for.
mermaid.initialize({
  startOnLoad: true,
  securityLevel: "strict",
  deterministicIds: true, // else two that are drawn in one millisecond share an id, and a place
  theme: matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "neutral",
});

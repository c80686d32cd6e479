import { Component, type ReactNode } from 'react';
import { ErrorState } from '../components/index.ts';

interface Props {
  readonly title: string;
  readonly children: ReactNode;
}

/** Keeps a failing part from taking the page with it. */
export class ErrorBoundary extends Component<Props, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <ErrorState
        title={this.props.title}
        detail={error.message}
        onRetry={() => this.setState({ error: undefined })}
      />
    );
  }
}

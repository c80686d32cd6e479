import './design/tokens.css';
import './design/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { watchKiosk } from './app/kiosk.ts';
import { applyTheme } from './app/theme.ts';

applyTheme();
watchKiosk();
const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');
createRoot(root).render(<App />);
